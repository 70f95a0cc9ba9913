using System.Text.Json.Serialization;
using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Pictures of one size.</summary>
public sealed class PictureInput : InputFormat
{
    /// <param name="height">In pixels.</param>
    /// <param name="width">In pixels.</param>
    /// <param name="channels">1 or 3.</param>
    /// <param name="classNames">By class index, or null.</param>
    /// <exception cref="UserError">A number is out of range.</exception>
    public PictureInput(int height, int width, int channels, IReadOnlyList<string>? classNames = null)
    {
        PictureFile.CheckSize("input", width, height);
        Height = height;
        Width = width;
        Channels = channels is 1 or 3 ? channels : throw new UserError($"channels: found {channels}; allowed: 1 or 3");
        ClassNames = classNames;
    }

    public int Height { get; }

    public int Width { get; }

    public int Channels { get; }

    public IReadOnlyList<string>? ClassNames { get; }

    [JsonIgnore]
    public override Shape SampleShape => new(Height, Width, Channels);

    public override IDataSource Open(string path) => CifarSet.IsOne(path) ? CifarSet.Open(path).Train
        : PictureFolder.IsOne(path) ? PictureFolder.Read(path, ClassNames, SampleShape)
        : DataLocator.Open(path).Train;

    /// <summary>A picture, or all pictures of a folder in ordinal order of their names.</summary>
    public override IDataSource ReadFile(string path)
    {
        string[] files = Directory.Exists(path) ? [.. Directory.GetFiles(path).Where(PictureFile.HasEnding).Order(StringComparer.Ordinal)] : [path];
        if (files.Length == 0)
        {
            throw new UserError($"{path}: has no picture; allowed: at least one .png, .pgm or .ppm");
        }

        return !Directory.Exists(path) && !PictureFile.HasEnding(path)
            ? base.ReadFile(path)
            : PictureFolder.Read(path, [.. files.Select(file => (file, (byte)0))], TargetDescription.None, SampleShape);
    }

    /// <summary>Numbers, a picture a line: JSON arrays, or numbers between commas or blanks.</summary>
    public override IDataSource Read(TextReader text, string name) => NumberLines.Read(text, name, SampleShape);
}
