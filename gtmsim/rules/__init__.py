"""What both engines share beside the draws: formulas, and the policy at month boundaries."""
