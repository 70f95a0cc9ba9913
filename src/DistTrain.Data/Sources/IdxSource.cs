using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>A pair of IDX files, images and labels, as a source.</summary>
public static class IdxSource
{
    /// <summary>
    /// Reads both files into memory as bytes; images of more than 128 MiB stay in their file, those of a gzip file in a temporary one. Images of dimensions (count, height, width) have sample shape (height, width, 1);
    /// more dimensions are taken as they stand, one value a sample as (1).
    /// </summary>
    /// <param name="imagesPath">Plain or gzip; any number of dimensions from 1 to 8.</param>
    /// <param name="labelsPath">Plain or gzip, one dimension; null gives a source without targets.</param>
    /// <param name="classes">Number of classes; 0 takes the largest label + 1.</param>
    /// <param name="classNames">Names by class index, or null.</param>
    /// <exception cref="UserError">A file is missing or malformed, the counts disagree, or a label is out of range.</exception>
    public static IDataSource Open(string imagesPath, string? labelsPath, int classes = 0, IReadOnlyList<string>? classNames = null) =>
        Open(imagesPath, imagesPath, labelsPath, classes, classNames);

    /// <summary>With a name of its own for messages.</summary>
    internal static IDataSource Open(string name, string imagesPath, string? labelsPath, int classes, IReadOnlyList<string>? classNames)
    {
        IdxFile images = IdxFile.Read(imagesPath, mayStayInFile: true);
        Shape shape = images.Dims.Length switch
        {
            1 => new Shape(1),
            3 => new Shape(images.Dims[1], images.Dims[2], 1),
            _ => new Shape(images.Dims.AsSpan(1)),
        };
        if (labelsPath is null)
        {
            return new PixelSource(name, shape, images.Items, TargetDescription.None, null);
        }

        IdxFile labels = IdxFile.Read(labelsPath);
        if (labels.Dims.Length != 1)
        {
            throw new UserError($"{labelsPath}: labels have 1 dimension, found {labels.Dims.Length} (are images and labels exchanged?).");
        }

        if (labels.Count != images.Count)
        {
            throw new UserError($"{labelsPath}: {labels.Count} labels for {images.Count} images in {imagesPath}; the counts must be equal.");
        }

        int largest = 0;
        for (int i = 0; i < labels.Bytes.Length; i++)
        {
            largest = Math.Max(largest, labels.Bytes[i]);
            if (classes > 0 && labels.Bytes[i] >= classes)
            {
                throw new UserError($"{labelsPath}: label {i} is {labels.Bytes[i]}, allowed 0 to {classes - 1}.");
            }
        }

        TargetDescription target = TargetDescription.ForClasses(classes > 0 ? classes : largest + 1, classNames);
        return new PixelSource(name, shape, images.Items, target, labels.Bytes);
    }
}
