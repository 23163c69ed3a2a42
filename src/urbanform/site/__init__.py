"""What several checks ask of one submission, computed once."""
