/** Names that mean something to the kernel. */

/** The owner's rule that changes to the system need a second person. */
export const FOUR_EYES = 'four-eyes';
/** Who makes the first administrator, with the token of the first start. No user can have this name. */
export const SETUP = 'setup';
/** The system process that carries a change of users out. */
export const USER_PROCESS = 'procos_system_user_management';
