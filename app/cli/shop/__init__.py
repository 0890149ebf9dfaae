"""Commands for the shops of others: reading their files, and the folder that `make demo` takes."""
