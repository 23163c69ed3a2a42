"""Many submissions under a supervisor: each in a child of its own, with limits; nothing lost where one breaks.

:func:`urbanform.batch.run.run_batch` runs a folder of submissions; :func:`urbanform.batch.child.review_in_child` is
what it asks of each, and what a scheduler may run elsewhere.
"""
