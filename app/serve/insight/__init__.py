"""What the page can say of its visitors and of itself: what an act did, what somebody likes, how it looks to others."""
