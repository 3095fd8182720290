namespace Rqlite.Pg.Fuzz;

/// <summary>An input that a target did not take well.</summary>
internal sealed class FuzzFindingException(IFuzzTarget target, byte[] input, string origin, string what, Exception? inner)
    : Exception($"{target.Name}, {origin}: {what}\nreplay: Fuzz --target {target.Name} --input {Convert.ToHexString(input)}", inner);
