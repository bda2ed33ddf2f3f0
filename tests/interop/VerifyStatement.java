import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;

/** Verifies Ed25519 signatures with nothing but the JDK (17 or later): lines of "x message signature". */
public class VerifyStatement {
    private static final byte[] SPKI_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    public static void main(String[] arguments) throws Exception {
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            String[] parts = line.split(" ");
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(key(Base64.getUrlDecoder().decode(parts[0])));
            verifier.update(parts[1].getBytes(StandardCharsets.US_ASCII));
            System.out.println(verifier.verify(Base64.getUrlDecoder().decode(parts[2])) ? "valid" : "invalid");
        }
    }

    private static PublicKey key(byte[] x) throws Exception {
        byte[] encoded = new byte[SPKI_PREFIX.length + x.length];
        System.arraycopy(SPKI_PREFIX, 0, encoded, 0, SPKI_PREFIX.length);
        System.arraycopy(x, 0, encoded, SPKI_PREFIX.length, x.length);
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    }
}
