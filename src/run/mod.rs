//! Workers, budgets, shrinking: plays cases and emits events.
