namespace DistTrain.Data;

/// <summary>How far one file is.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="Bytes">Bytes on disk so far, those of an earlier attempt included.</param>
/// <param name="TotalBytes">Bytes of the whole file, or null when the mirror doesn't say.</param>
/// <param name="Mirror">Where it comes from; null when the file was there already.</param>
public readonly record struct FetchProgress(string File, long Bytes, long? TotalBytes, Uri? Mirror);
