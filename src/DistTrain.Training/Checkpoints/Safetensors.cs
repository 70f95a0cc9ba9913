using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>
/// The safetensors format, float32 only: 8 bytes header length N (little-endian), N bytes of JSON
/// { name: { dtype, shape, data_offsets: [begin, end] } }, then the values, little-endian, back to back.
/// </summary>
/// <remarks>
/// A file is a claim: every length is checked against the file's before memory is taken, and what doesn't hold is a
/// <see cref="UserError"/> that names the file. Source: https://huggingface.co/docs/safetensors, "Format".
/// </remarks>
public static class Safetensors
{
    /// <summary>The reference implementation refuses headers above 100 MB; ours need 100 bytes a tensor.</summary>
    private const int HeaderBytesMax = 16 << 20;

    private const int PrefixBytes = 8;
    private const int CopyFloats = 1 << 16;
    private const string MetadataKey = "__metadata__";

    /// <summary>Writes tensors in the given order. The header is padded with blanks so that the values are 8-byte aligned.</summary>
    /// <param name="stream">Written from its position on; left open.</param>
    /// <param name="tensors">Names are unique.</param>
    /// <param name="metadata">Free text by name, or null.</param>
    public static void Write(Stream stream, IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        stream.Write(Head([.. tensors.Select(tensor => (tensor.Name, tensor.Shape))], metadata));
        foreach (NamedTensor tensor in tensors)
        {
            if (tensor.Values.Length != tensor.Shape.Length)
            {
                throw new ArgumentException($"Tensor '{tensor.Name}' {tensor.Shape} has {tensor.Values.Length} values.", nameof(tensors));
            }

            ReadOnlySpan<float> values = tensor.Values.Span;
            for (int at = 0; at < values.Length; at += CopyFloats)
            {
                stream.Write(MemoryMarshal.AsBytes(values.Slice(at, Math.Min(CopyFloats, values.Length - at))));
            }
        }
    }

    /// <summary>What stands before the values: the length of the header and the header.</summary>
    /// <param name="tensors">In the order of their values.</param>
    /// <param name="metadata">Free text by name, or null.</param>
    internal static byte[] Head(IReadOnlyList<(string Name, Shape Shape)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        byte[] header = Header(tensors, metadata);
        byte[] head = new byte[PrefixBytes + header.Length];
        BinaryPrimitives.WriteInt64LittleEndian(head, header.Length);
        header.CopyTo(head.AsSpan(PrefixBytes));
        return head;
    }

    /// <summary>All tensors of a file, in the order of their values.</summary>
    /// <exception cref="UserError">The file is missing, cut short, or is not what the format says.</exception>
    public static IReadOnlyList<NamedTensor> Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return Read(stream, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError(e is FileNotFoundException or DirectoryNotFoundException ? $"{path}: there is no such file" : $"{path}: can't be read: {e.Message}", e);
        }
    }

    /// <param name="stream">Seekable, at its beginning.</param>
    /// <param name="path">What errors call it.</param>
    internal static IReadOnlyList<NamedTensor> Read(Stream stream, string path)
    {
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        if (stream.Length < PrefixBytes)
        {
            throw Corrupt(path, $"has {stream.Length} bytes; needed are 8 and a header");
        }

        stream.ReadExactly(prefix);
        long headerBytes = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (headerBytes < 2 || headerBytes > HeaderBytesMax || headerBytes > stream.Length - PrefixBytes)
        {
            throw Corrupt(path, $"says its header has {headerBytes} bytes, and is {stream.Length} bytes long");
        }

        byte[] header = new byte[headerBytes];
        stream.ReadExactly(header);
        long dataBytes = stream.Length - PrefixBytes - headerBytes;
        List<(string Name, Shape Shape)> entries = Entries(header, dataBytes, path);
        var tensors = new List<NamedTensor>();
        foreach ((string name, Shape shape) in entries)
        {
            float[] values = new float[shape.Length];
            stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
            tensors.Add(new NamedTensor(name, shape, values));
        }

        return tensors;
    }

    private static byte[] Header(IReadOnlyList<(string Name, Shape Shape)> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var names = new HashSet<string>();
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject(MetadataKey);
                foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            long begin = 0;
            foreach ((string name, Shape shape) in tensors)
            {
                if (!names.Add(name) || name == MetadataKey)
                {
                    throw new ArgumentException($"Tensor '{name}' is given twice or has the metadata's name.", nameof(tensors));
                }

                long end = begin + (sizeof(float) * (long)shape.Length);
                json.WriteStartObject(name);
                json.WriteString("dtype", "F32");
                WriteNumbers(json, "shape", [.. shape.Dims.ToArray()]);
                WriteNumbers(json, "data_offsets", [begin, end]);
                json.WriteEndObject();
                begin = end;
            }

            json.WriteEndObject();
        }

        while (buffer.Length % PrefixBytes != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        return buffer.ToArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    /// <summary>The header's tensors, checked to tile the data without gap or overlap.</summary>
    private static List<(string Name, Shape Shape)> Entries(byte[] header, long dataBytes, string path)
    {
        var found = new List<(string Name, Shape Shape, long Begin, long End)>();
        var names = new HashSet<string>();
        try
        {
            using JsonDocument document = JsonDocument.Parse(header, new JsonDocumentOptions { MaxDepth = 8 });
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (!names.Add(property.Name))
                {
                    throw Corrupt(path, $"names '{property.Name}' twice");
                }

                if (property.Name != MetadataKey)
                {
                    found.Add(Entry(property, path));
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new UserError($"{path}: is no safetensors file, or a damaged one: its header is not understood", e);
        }

        found.Sort((a, b) => a.Begin.CompareTo(b.Begin));
        long at = 0;
        foreach ((string name, Shape shape, long begin, long end) in found)
        {
            if (begin != at || end - begin != sizeof(float) * (long)shape.Length)
            {
                throw Corrupt(path, $"'{name}' {shape} stands at bytes {begin} to {end}; it belongs at {at} to {at + (sizeof(float) * (long)shape.Length)}");
            }

            at = end;
        }

        return at == dataBytes
            ? found.ConvertAll(entry => (entry.Name, entry.Shape))
            : throw Corrupt(path, $"has {dataBytes} bytes of values; its header describes {at}");
    }

    private static (string Name, Shape Shape, long Begin, long End) Entry(JsonProperty property, string path)
    {
        string? type = property.Value.GetProperty("dtype").GetString();
        if (type != "F32")
        {
            throw new UserError($"{path}: '{property.Name}' has type {type}; allowed: F32");
        }

        long length = 1;
        var dims = new List<int>();
        foreach (JsonElement dim in property.Value.GetProperty("shape").EnumerateArray())
        {
            int size = dim.GetInt32();
            length *= size;
            dims.Add(size);
            if (size < 1 || length > int.MaxValue)
            {
                throw Corrupt(path, $"'{property.Name}' has the shape {property.Value.GetProperty("shape").GetRawText()}");
            }
        }

        JsonElement offsets = property.Value.GetProperty("data_offsets");
        return offsets.GetArrayLength() == 2
            ? (property.Name, new Shape([.. dims]), offsets[0].GetInt64(), offsets[1].GetInt64())
            : throw Corrupt(path, $"'{property.Name}' has no begin and end");
    }

    private static UserError Corrupt(string path, string what) => new($"{path}: is no safetensors file, or a damaged one: it {what}");
}
