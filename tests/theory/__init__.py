"""What the schemes are for: signals that keep their size through 50 layers."""
