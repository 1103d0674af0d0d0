// Has zlib take its input as pointers to const.
#define ZLIB_CONST
#include <zlib.h>
