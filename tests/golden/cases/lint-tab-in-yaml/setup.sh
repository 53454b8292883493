cat > policy.yaml <<'POLICY'
kijun: 1
id: small
title: {en: A small policy, ja: 小さな基準}
rules:
	- id: tab
POLICY
