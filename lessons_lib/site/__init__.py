"""What building the book needs. Lessons never import this package."""
