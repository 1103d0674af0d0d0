/// VGG-16 and VGG-19: Simonyan & Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2014
/// (arXiv:1409.1556), as torchvision builds them, without the classifier.
///
/// Layers are named by stage and convolution: `relu5_1` is the first convolution of the fifth stage, with its ReLU.
private struct VGG {
    /// The number of convolutions in each stage; a pool lies between stages.
    let convolutions: [Int]
    static let channels = [64, 128, 256, 512, 512]

    var body: [Operation] {
        var operations = [ImageNet.normalization]
        for (stage, count) in convolutions.enumerated() {
            if stage > 0 { operations.append(.maxPool(window: 2, stride: 2)) }
            for index in 1...count {
                let name = "\(stage + 1)_\(index)"
                operations += [
                    .convolution("conv\(name)", Self.channels[stage], kernel: 3, padding: .symmetric(1), offset: .bias),
                    .layer("relu\(name)"),
                ]
            }
        }
        return operations
    }

    /// Such as `features.0.weight`: torchvision numbers convolutions, ReLUs and pools together.
    func pyTorchNames(_ convolution: Convolution) -> PyTorchNames {
        let numbers = convolution.name.dropFirst("conv".count).split(separator: "_").compactMap { Int($0) }
        guard numbers.count == 2 else { return PyTorchNames(convolution: convolution.name, normalization: nil) }
        let before = convolutions.prefix(numbers[0] - 1).reduce(0) { $0 + 2 * $1 + 1 }
        return PyTorchNames(convolution: "features.\(before + 2 * (numbers[1] - 1))", normalization: nil)
    }

    func network(_ name: String, recommendedRecipe: String) -> Network {
        Network(
            name: name, epsilon: 0, smallestSide: 32, body: body, recommendedRecipe: recommendedRecipe,
            pyTorchNames: { pyTorchNames($0) }, unusedPyTorchTensors: ["classifier."])
    }
}

extension Network {
    public static let vgg16 = VGG(convolutions: [2, 2, 3, 3, 3]).network(
        "vgg16",
        recommendedRecipe: "layers=relu4_2&steps=24&step_size=0.07&octaves=4&octave_scale=1.8&jitter=36&bands=0,1,4")
    public static let vgg19 = VGG(convolutions: [2, 2, 4, 4, 4]).network(
        "vgg19",
        recommendedRecipe: "layers=relu5_2&steps=14&step_size=0.045&octaves=2&octave_scale=1.5&jitter=27&bands=0,1,4")
}
