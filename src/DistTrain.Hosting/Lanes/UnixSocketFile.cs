using System.Net.Sockets;
using DistTrain.Tensors;

namespace DistTrain.Hosting;

/// <summary>Files of Unix sockets: only their owner may connect, so the folder is 0700 and the file 0600.</summary>
internal static class UnixSocketFile
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes the folder, and removes a file that a killed process left behind.</summary>
    /// <exception cref="UserError">Others may enter the folder, or somebody listens there.</exception>
    public static void Prepare(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, Owner);
            UnixFileMode mode = File.GetUnixFileMode(folder);
            if ((mode & ~Owner) != 0)
            {
                throw new UserError($"unix:{path}: other users may enter {folder} (mode {Convert.ToString((int)mode, 8)}); allowed: 700");
            }
        }

        if (!File.Exists(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }

        throw new UserError($"unix:{path}: another process listens there");
    }

    public static void Restrict(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    public static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Its folder is gone, and the file with it.
        }
    }
}
