using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DistTrain.Data;
using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>
/// model.json, model.safetensors and, where raw input is known, input.json: the architecture as nodes of a job, the loss, shapes,
/// class names, scaling; the weights by name; vocabulary, columns or size of pictures as they were fitted. Enough to predict and evaluate without the job or the training data.
/// </summary>
internal static class ModelFolder
{
    public const string DescriptionFile = "model.json";
    public const string WeightsFile = "model.safetensors";
    public const string InputFile = "input.json";

    private const int FormatVersion = 1;

    private static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n" };

    public static void Write(string folder, TrainedModel model)
    {
        Directory.CreateDirectory(folder);
        var layout = new ParameterLayout(model.Graph);
        var metadata = new Dictionary<string, string> { ["format"] = "disttrain", ["weights_sha256"] = WeightsHash.Sha256(model.Weights) };
        DurableFile.Write(Path.Combine(folder, WeightsFile), stream => Safetensors.Write(stream, [.. layout.ToTensors(model.Weights)], metadata));
        string? input = model.Input?.ToJson();
        if (input is not null)
        {
            DurableFile.Write(Path.Combine(folder, InputFile), stream => stream.Write(Encoding.UTF8.GetBytes(input)));
        }

        DurableFile.Write(Path.Combine(folder, DescriptionFile), stream => Describe(stream, model, input));
    }

    /// <summary>The network of a saved model.</summary>
    /// <exception cref="UserError">There is none.</exception>
    public static ModelJob ReadNetwork(string folder) => ReadDescription(folder, Path.Combine(folder, DescriptionFile)).Model;

    /// <summary>The weights of a saved model in place of those of the same names.</summary>
    /// <param name="folder">Of the saved model.</param>
    /// <param name="layout">Of the model that gets them.</param>
    /// <param name="weights">Of that model, flat.</param>
    /// <exception cref="UserError">There is no model, a parameter has another shape there, or none has the name of one here.</exception>
    public static void ReadInto(string folder, ParameterLayout layout, Span<float> weights)
    {
        string path = Path.Combine(folder, WeightsFile);
        Dictionary<string, NamedTensor> saved = Safetensors.Read(path).ToDictionary(tensor => tensor.Name);
        int found = 0;
        foreach (Parameter parameter in layout.Parameters)
        {
            if (!saved.TryGetValue(parameter.Name, out NamedTensor tensor))
            {
                continue;
            }

            if (tensor.Shape != parameter.Shape)
            {
                throw new UserError($"model.from: '{parameter.Name}' is {tensor.Shape} in {path} and {parameter.Shape} in the model; allowed: the same shape, or another name for the layer, which then begins anew");
            }

            tensor.Values.Span.CopyTo(layout.Part(weights, parameter.Index));
            found++;
        }

        if (found == 0)
        {
            throw new UserError($"model.from: {path} has none of the model's parameters; it has {string.Join(", ", saved.Keys.Take(4))}, the model {string.Join(", ", layout.Parameters.Take(4).Select(parameter => parameter.Name))}");
        }
    }

    /// <exception cref="UserError">A file is missing, damaged, or doesn't fit the other.</exception>
    public static TrainedModel Read(string folder)
    {
        string path = Path.Combine(folder, DescriptionFile);
        ModelDescription description = ReadDescription(folder, path);
        ModelGraph graph = Build(description, path);
        string weightsPath = Path.Combine(folder, WeightsFile);
        return new TrainedModel
        {
            Graph = graph,
            Weights = new ParameterLayout(graph).FromTensors(Safetensors.Read(weightsPath), weightsPath),
            ClassNames = description.ClassNames,
            Standardization = description.Mean is null ? null : new Standardization(Floats(description.Mean), Floats(description.Deviation ?? [])),
            Input = Input(folder, description),
            Slices = description.Slices,
            EvaluationBatch = description.EvaluationBatch,
        };
    }

    private static ModelDescription ReadDescription(string folder, string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{folder}: has no model that can be read: {(e is FileNotFoundException or DirectoryNotFoundException ? $"{DescriptionFile} is missing" : e.Message)}", e);
        }

        var description = (ModelDescription)JobBinder.Bind(JobSection.Of(typeof(ModelDescription)), JobYaml.Parse(text, path, lines: true, folder: null), "");
        if (description.Format != FormatVersion || description.Numerics != Numerics.Version)
        {
            throw new UserError($"{path}: has format {description.Format} and numerics version {description.Numerics}; this build reads {FormatVersion} and {Numerics.Version}");
        }

        return description;
    }

    private static ModelGraph Build(ModelDescription description, string path)
    {
        try
        {
            return GraphFromJob.Build(description.Model, new Shape([.. description.InputShape]), outputs: 1)
                .WithLoss(description.Loss.ToLoss());
        }
        catch (Exception e) when (e is UserError or OverflowException)
        {
            throw new UserError($"{path}: {e.Message}", e);
        }
    }

    private static InputFormat? Input(string folder, ModelDescription description)
    {
        if (description.Input is not { } expected)
        {
            return null;
        }

        string path = Path.Combine(folder, InputFile);
        string json;
        try
        {
            json = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{path}: can't be read: {e.Message}", e);
        }

        string found = Sha256(json);
        InputFormat input = found == expected ? InputFormat.FromJson(json, path) : throw new UserError($"{path}: has SHA-256 {found}; {DescriptionFile} says {expected}");
        var shape = new Shape([.. description.InputShape]);
        return input.SampleShape == shape ? input : throw new UserError($"{path}: gives samples {input.SampleShape}; the model takes {shape}");
    }

    private static string Sha256(string json) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));

    private static void Describe(Stream stream, TrainedModel model, string? input)
    {
        var description = new ModelDescription
        {
            Format = FormatVersion,
            Numerics = Numerics.Version,
            Model = LayerDescription.Of(model.Graph),
            InputShape = model.SampleShape.Dims.ToArray(),
            Loss = LossJob.Of(model.Graph.Loss!),
            ClassNames = model.ClassNames,
            Mean = model.Standardization?.Mean.Select(value => (double)value).ToArray(),
            Deviation = model.Standardization?.Deviation.Select(value => (double)value).ToArray(),
            Input = input is null ? null : Sha256(input),
            Slices = model.Slices,
            EvaluationBatch = model.EvaluationBatch,
        };
        using var json = new Utf8JsonWriter(stream, Indented);
        JobText.Json(json, JobTree.From(description, onlyBits: false));
    }

    private static float[] Floats(IReadOnlyList<double> values) => [.. values.Select(value => (float)value)];
}
