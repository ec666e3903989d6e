"""What came of the asking: counted, compared, and held against the reviews that somebody brings."""
