cat > policy.yaml <<'POLICY'
kijun: 2
id: small
title: {en: A, ja: あ}
rules: []
POLICY
