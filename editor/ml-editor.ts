/** What the forms of all nodes share. A plain script: Node-RED loads it before the nodes' own. */
