"""`forbear mcp`: what agents may ask of policies, read-only, over the Model Context Protocol.

In: the policies of a folder, cases that the host keeps, and the question of an agent. Out: documents of codes, with the
texts of authors apart. Imports: `library/`. `answers.py` knows no protocol.
"""
