"""The proof: for every warning that can come, who would be called, and where nobody would answer."""
