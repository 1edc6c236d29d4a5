"""Writes the results of other rooms: text for the terminal, JSON, SARIF, Markdown and the report page.

In: findings, differences, decisions, plans. Out: texts and documents. Imports: `analysis/`, `deciding/`, `targets/`.
"""
