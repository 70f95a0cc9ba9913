using System.Text.Json;
using System.Text.Json.Serialization;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>
/// What raw rows, text or pictures a model takes and how they become samples, with all that was fitted on the training part.
/// Saved with the model; the same input gives the same samples as in training, bit for bit. Immutable.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(TextInput), "text")]
[JsonDerivedType(typeof(LineInput), "lines")]
[JsonDerivedType(typeof(TableInput), "table")]
[JsonDerivedType(typeof(SeriesInput), "series")]
[JsonDerivedType(typeof(PictureInput), "pictures")]
public abstract class InputFormat
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.Strict,
        WriteIndented = true,
        NewLine = "\n",
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>Shape of one sample's features.</summary>
    [JsonIgnore]
    public abstract Shape SampleShape { get; }

    /// <summary>Where features are token ids: how many ids there are, all of them below this. 0: features are no ids.</summary>
    [JsonIgnore]
    public virtual int Vocabulary => 0;

    /// <summary>What was done to targets, so that predictions can be told in the units of the data; null: nothing.</summary>
    [JsonIgnore]
    public virtual TargetScaling? TargetScaling => null;

    /// <summary>Samples of a file or folder of the same format, with targets.</summary>
    /// <exception cref="UserError">It is malformed, or has what the training part had not.</exception>
    public abstract IDataSource Open(string path);

    /// <summary>Samples of raw input without targets: rows, lines or a text.</summary>
    /// <param name="text">Read to its end.</param>
    /// <param name="name">How errors name it.</param>
    /// <exception cref="UserError">It is malformed, or has what the training part had not; or the model takes pictures.</exception>
    public abstract IDataSource Read(TextReader text, string name);

    /// <summary>Samples of a file, or of all pictures of a folder, without targets.</summary>
    public virtual IDataSource ReadFile(string path) => GuardedFile.Use(path, () =>
    {
        using StreamReader reader = new(path);
        return Read(reader, path);
    });

    /// <summary>For series: the forecast that everything stays as it is, which a model must beat. In the units of the samples.</summary>
    /// <param name="sample">Its features.</param>
    /// <param name="forecast">As many as a sample has targets.</param>
    /// <returns>False where there is no such forecast: nothing was written.</returns>
    public virtual bool TryForecastNaively(ReadOnlySpan<float> sample, Span<float> forecast) => false;

    /// <summary>As JSON; <see cref="FromJson"/> reads it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Options) + "\n";

    /// <param name="json">What <see cref="ToJson"/> wrote.</param>
    /// <param name="name">How errors name it.</param>
    /// <exception cref="UserError">It is something else, or damaged.</exception>
    public static InputFormat FromJson(string json, string name)
    {
        try
        {
            return JsonSerializer.Deserialize<InputFormat>(json, Options) ?? throw new UserError($"{name}: found null; allowed: an input format");
        }
        catch (JsonException error)
        {
            throw new UserError($"{name}:{(error.LineNumber ?? 0) + 1}: is damaged: not an input format: {error.Message.ReplaceLineEndings(" ")}", error);
        }
        catch (NotSupportedException error)
        {
            throw new UserError($"{name}: is damaged: not an input format", error);
        }
        catch (UserError error)
        {
            throw new UserError($"{name}: {error.Message}", error);
        }
    }
}
