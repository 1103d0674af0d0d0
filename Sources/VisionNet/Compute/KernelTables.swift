import CVectorKernels

/// The vector kernels of one instruction set.
struct KernelTables {
    /// All tensors are floats.
    let full: OpaquePointer
    /// Tensors are bfloat16; nil where that was not asked for.
    let reduced: OpaquePointer?

    /// Those for tensors of these formats: the reduced ones where any is reduced.
    func table(for formats: ElementFormat...) -> OpaquePointer {
        formats.contains(.bfloat16) ? reduced ?? full : full
    }
}
