"""The picture: its design, its letters, its speed."""
