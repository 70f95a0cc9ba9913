using System.Buffers;
using System.Security.Cryptography;

namespace DistTrain.Data;

/// <summary>Whether a file's unpacked content is the one the catalogue knows.</summary>
internal static class ContentCheck
{
    /// <summary>Null when it is; otherwise what is wrong, without a full stop.</summary>
    public static async Task<string?> FindFaultAsync(string path, CatalogueFile expected, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 17);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await using Stream content = PackedFile.OpenContent(path, out _);
            long length = 0;
            int read;
            while ((read = await content.ReadAsync(buffer, cancellationToken)) > 0)
            {
                // Unpacking stops at the known length: a crafted file can't keep us busy.
                length += read;
                if (length > expected.ContentBytes)
                {
                    return $"content is longer than {expected.ContentBytes} bytes";
                }

                hash.AppendData(buffer, 0, read);
            }

            string found = Convert.ToHexStringLower(hash.GetHashAndReset());
            return length < expected.ContentBytes
                ? $"content is {length} bytes, expected {expected.ContentBytes}"
                : found == expected.ContentSha256 ? null : $"SHA-256 of the content is {found}, expected {expected.ContentSha256}";
        }
        catch (InvalidDataException)
        {
            return "broken gzip file";
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
