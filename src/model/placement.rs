//! Which replica goes on which node: exact search over counts of equal replicas, within a budget of steps.
