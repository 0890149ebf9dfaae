"""A second stage: the best few hundred by factors, put in order by what was shown and taken or passed over."""
