import Foundation
import ModelLibrary
import Testing
import VisionNet

/// The networks' names for PyTorch's tensors, against those that PyTorch's own models have.
@Suite("Names of PyTorch's tensors")
struct PyTorchNamesTests {
    /// For each network, the shape of each tensor of its state dictionary.
    let published: [String: [String: [Int]]]

    init() throws {
        let file = Data(try Fixtures.bytes("pytorch_tensors.json"))
        published = try JSONDecoder().decode([String: [String: [Int]]].self, from: file)
    }

    @Test(
        "every convolution has its tensors, and no tensor is left over",
        arguments: Network.all.filter { $0.pyTorchNames != nil }.map(\.name))
    func names(network name: String) throws {
        let network = try Network.named(name)
        let names = try #require(network.pyTorchNames)
        let tensors = try #require(published[name])
        var used: Set<String> = []
        func expect(_ tensor: String, _ shapes: [[Int]]) throws {
            let shape = try #require(tensors[tensor], "\(tensor)")
            #expect(shapes.contains(shape), "\(tensor): \(shape)")
            #expect(used.insert(tensor).inserted, "\(tensor) is used twice")
        }
        for convolution in network.graph().convolutions where !convolution.tensors.isEmpty {
            let found = names(convolution)
            let kernel = convolution.kernelShape
            let matrices = convolution.kernel == 1 ? [[kernel[3], kernel[2]]] : []
            try expect(
                "\(found.convolution).weight", [[kernel[3], kernel[2], kernel[0], kernel[1]]] + matrices)
            let vectors =
                found.normalization.map { name in
                    ["weight", "bias", "running_mean", "running_var"].map { "\(name).\($0)" }
                } ?? ["\(found.convolution).bias"]
            for vector in vectors { try expect(vector, [[convolution.outputs]]) }
            #expect((found.normalization == nil) == (convolution.offset == .bias), "\(convolution.name)")
        }
        let rest = tensors.keys.filter { tensor in
            !used.contains(tensor) && !tensor.hasSuffix(".num_batches_tracked")
                && !network.unusedPyTorchTensors.contains { tensor.hasPrefix($0) }
        }
        #expect(rest.isEmpty)
    }
}
