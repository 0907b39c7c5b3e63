"""Random histories through real commands, and everything that is read of them.

`driving` draws them, `carrying` gives them to the product and tells the oracle what was accepted,
`comparing` lays the two side by side.
"""
