"""From tidy numbers to charts; knows nothing of results or files.

Channels are written out, as `alt.X("month:Q")`: for a bare text altair searches its whole schema,
which takes longer than all else that a chart needs.
"""
