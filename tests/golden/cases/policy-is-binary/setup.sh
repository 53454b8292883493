printf 'kijun: 1\nid: a\000b\n\377\376' > policy.yaml
