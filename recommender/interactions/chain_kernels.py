"""Compiled walks over the chains of a log: every row points to the row before it of the same user (or item), -1 at the
end. A row whose user is below zero is blank.
"""

from __future__ import annotations

from recommender.kernel import kernel


@kernel(fast=False, patient=True)
def link_rows(owner, start, end, last, before):
    """Chain rows start..end: before[r] becomes the owner's previous row, last[owner] its newest; all int32."""
    for row in range(start, end):
        before[row] = last[owner[row]]
        last[owner[row]] = row


@kernel(fast=False)
def count_chains(last, before, user, owners, counts):
    """Write the number of live rows (user >= 0) of each owner into counts int64."""
    for i in range(owners.shape[0]):
        row = last[owners[i]]
        while row >= 0:
            if user[row] >= 0:
                counts[i] += 1
            row = before[row]


@kernel(fast=False)
def collect_chains(last, before, user, owners, positions, rows):
    """Write the live rows of each owner into rows int32, newest first, one owner after the other; positions int32
    names the owner.
    """
    n = 0
    for i in range(owners.shape[0]):
        row = last[owners[i]]
        while row >= 0:
            if user[row] >= 0:
                positions[n] = i
                rows[n] = row
                n += 1
            row = before[row]
