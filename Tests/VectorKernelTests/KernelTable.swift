import Testing
import CVectorKernels
import CWideKernels

/// A table of kernels that this CPU can run, as a test argument.
struct KernelTable: CustomTestStringConvertible, @unchecked Sendable { // the pointer is to a constant
    let kernels: OpaquePointer

    var testDescription: String { String(cString: vk_name(kernels)) }

    /// Every table of this CPU, and AVX-512's sizes compiled for any CPU.
    static let all: [KernelTable] = {
        let names = ["avx512", "avx2", "neon", "generic"]
        return (names.compactMap { name in vk_select(name) } + [wide_kernels()]).map(KernelTable.init)
    }()
}
