// glibc's settings of malloc, which Swift's module of glibc leaves out.
#include <malloc.h>
