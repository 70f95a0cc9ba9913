namespace DistTrain.Tensors;

/// <summary>
/// A person's mistake, told in one line: what is wrong, where (file, line, key), what was found, what is allowed.
/// Command lines print the message alone and exit with code 2; a stack trace would help nobody.
/// </summary>
public sealed class UserError : Exception
{
    public UserError(string message)
        : base(message)
    {
    }

    public UserError(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
