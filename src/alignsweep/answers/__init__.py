"""What a user is told: the recommendation and its page, all of them on one, predictions, claims."""
