/* A PAM module that tells pam_ask that it was called, and returns what pam_ask says. Its argument is its name. */
#include <security/pam_modules.h>

/* In pam_ask, which loads libpam. */
int pam_ask_next(const char *name, int flags);

static int probe(int flags, int argc, const char **argv)
{
	return pam_ask_next(argc ? argv[0] : "-", flags);
}

#define PROBE(function)                                                                                                \
	int function(pam_handle_t *pamh, int flags, int argc, const char **argv)                                       \
	{                                                                                                              \
		(void)pamh;                                                                                            \
		return probe(flags, argc, argv);                                                                       \
	}

PROBE(pam_sm_authenticate)
PROBE(pam_sm_acct_mgmt)
PROBE(pam_sm_open_session)
PROBE(pam_sm_chauthtok)

int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh, (void)flags, (void)argc, (void)argv;
	return PAM_SUCCESS;
}

int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh, (void)flags, (void)argc, (void)argv;
	return PAM_SUCCESS;
}
