"""The pages that visitors see, and what they can do there."""
