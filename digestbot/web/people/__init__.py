"""Pages of people: leave, pause, come back."""
