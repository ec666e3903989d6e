"""What holds everything back: a long absence, an API that does not answer, clocks that disagree."""
