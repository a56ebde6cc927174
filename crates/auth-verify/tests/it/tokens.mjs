import crypto from 'node:crypto';
const b=x=>Buffer.from(x).toString('base64url');
const body={sub:'ada',iss:'https://auth.example.com',aud:'https://auth.example.com',iat:1800000000,exp:1800000900,name:'Ada'};
const out={};
function make(name,alg,gen,opts,sign){
  const {publicKey,privateKey}=crypto.generateKeyPairSync(gen,opts);
  const jwk={...publicKey.export({format:'jwk'}),alg,kid:name};
  const data=b(JSON.stringify({alg,kid:name}))+'.'+b(JSON.stringify(body));
  out[name]={jwk,token:data+'.'+b(sign(Buffer.from(data),privateKey))};
}
make('es256','ES256','ec',{namedCurve:'P-256'},(d,k)=>crypto.sign('sha256',d,{key:k,dsaEncoding:'ieee-p1363'}));
make('es512','ES512','ec',{namedCurve:'P-521'},(d,k)=>crypto.sign('sha512',d,{key:k,dsaEncoding:'ieee-p1363'}));
make('eddsa','EdDSA','ed25519',{},(d,k)=>crypto.sign(null,d,k));
const rs=(d,k)=>crypto.sign('sha256',d,k);
make('rs256','RS256','rsa',{modulusLength:2048},rs);
make('rs1024','RS256','rsa',{modulusLength:1024},rs);
make('ps256','PS256','rsa',{modulusLength:2048},(d,k)=>crypto.sign('sha256',d,{key:k,padding:crypto.constants.RSA_PKCS1_PSS_PADDING,saltLength:32}));
console.log(JSON.stringify(out,null,1));
