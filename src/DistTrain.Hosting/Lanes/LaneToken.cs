using System.Security.Cryptography;
using System.Text;
using DistTrain.Tensors;

namespace DistTrain.Hosting;

/// <summary>
/// A secret that all nodes of a run share. Each side proves that it knows it (HMAC-SHA256 over both sides' nonces); it is never sent.
/// Taken from the environment or a file, never from a command line, which other users of a host can read.
/// </summary>
public sealed class LaneToken
{
    /// <summary>The environment variable.</summary>
    public const string Variable = "DISTTRAIN_TOKEN";

    /// <summary>Whoever listens could try words; 22 characters of a generated one hold 128 bits.</summary>
    public const int CharactersMin = 16;

    private readonly byte[] secret;

    private LaneToken(string text) => secret = Encoding.UTF8.GetBytes(text);

    /// <summary>A new one of 256 random bits, as text to be given to other nodes.</summary>
    public static string NewText() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>Makes a file with a new one that only its owner can read, unless the file is there; returns whether it did.</summary>
    /// <exception cref="UserError">The file can't be written.</exception>
    public static bool EnsureFile(string path)
    {
        if (File.Exists(path))
        {
            return false;
        }

        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using var writer = new StreamWriter(path, options);
            writer.WriteLine(NewText());
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{path}: the join token can't be written: {e.Message}", e);
        }
    }

    /// <param name="where">The variable or file it is from, for the error.</param>
    /// <param name="text">Blanks around it don't count.</param>
    /// <exception cref="UserError">It is too short.</exception>
    public static LaneToken Parse(string where, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string trimmed = text.Trim();
        return trimmed.Length >= CharactersMin
            ? new LaneToken(trimmed)
            : throw new UserError($"{where}: a join token of {trimmed.Length} characters can be guessed; allowed: {CharactersMin} or more, such as {NewText()}");
    }

    /// <exception cref="UserError">The file can't be read, others can read it too, or its token is too short.</exception>
    public static LaneToken FromFile(string path) => Parse(path, TextOfFile(path));

    /// <summary>The text of a token's file.</summary>
    /// <exception cref="UserError">The file can't be read, or others can read it too.</exception>
    public static string TextOfFile(string path)
    {
        try
        {
            const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
            {
                throw new UserError($"{path}: other users can read or write this join token; chmod 600 {path}");
            }

            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{path}: the join token can't be read: {e.Message}", e);
        }
    }

    /// <summary>What proves knowledge of the token in one handshake.</summary>
    internal byte[] Proof(ReadOnlySpan<byte> transcript) => HMACSHA256.HashData(secret, transcript);
}
