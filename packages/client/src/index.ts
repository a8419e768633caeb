/** The one public face of this floor. */
export {};
