"""`forbear serve`: the questions of the library over HTTP.

`answers.py` knows no sockets; other files load and swap policies, make records durable and limit connections;
`description/` is the OpenAPI document. Imports: `library/`.
"""
