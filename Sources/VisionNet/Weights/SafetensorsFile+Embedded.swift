import CEmbeddedModel

extension SafetensorsFile {
    /// The model file that is built into the binary.
    public static func embedded() throws -> SafetensorsFile {
        let bytes = UnsafeRawBufferPointer(start: embedded_model_bytes(), count: embedded_model_length())
        return try SafetensorsFile(staticBytes: bytes, name: "the embedded model")
    }
}
