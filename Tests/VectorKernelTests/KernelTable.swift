import CVectorKernels
import CWideKernels
import Testing

/// A table of kernels that this CPU can run, as a test argument.
struct KernelTable: CustomTestStringConvertible, @unchecked Sendable {  // the pointer is to a constant
    let kernels: OpaquePointer

    var testDescription: String { String(cString: vk_name(kernels)) }

    /// Every table that this CPU can run, and one with the sizes of AVX-512 that any CPU can run.
    static let all: [KernelTable] = {
        let names = ["avx512", "avx2", "neon", "generic"]
        return (names.compactMap { name in vk_select(name) } + [wide_kernels()]).map(KernelTable.init)
    }()

    /// The tables of reduced precision: this CPU's, and emulations that any CPU can run.
    static let reduced: [KernelTable] = {
        let native = all.compactMap { vk_reduced($0.kernels) }
        return (native + [wide_reduced_kernels(), narrow_reduced_kernels()]).map(KernelTable.init)
    }()
}
