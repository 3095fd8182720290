namespace Rqlite.Pg.Wire.Messages;

/// <summary>The value of a parameter as the client gave it.</summary>
/// <param name="Data">The bytes in the format; null for NULL.</param>
internal readonly record struct ParameterValue(ReadOnlyMemory<byte>? Data, bool Binary);
