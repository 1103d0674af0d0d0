import Testing

import ModelLibrary
