/* What `cvtsudoers -f json` prints. */
#include "resolve/sudoers_policy.h"

bool sudo_policy_read_json(struct sudo_policy *policy, const struct kj_text *text)
{
	(void)policy;
	(void)text;
	return false;
}
