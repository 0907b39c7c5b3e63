"""The scheme (KPI考核细则): versions, parameters, lines, drafts, the scorecard."""
