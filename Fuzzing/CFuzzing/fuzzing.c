// The declarations in fuzzing.h are of other libraries; a C target needs a source file.
#include "fuzzing.h"
